"""What Zava's shops know: names, prices, codes, stock rules, search; standard library only."""
