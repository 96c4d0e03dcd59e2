"""Where `flet build` and `flet run` start; the program is `app.main`."""

from app.main import main

if __name__ == "__main__":
    main()
