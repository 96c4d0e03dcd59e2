"""The DQL shell, behind `zava dql`: which file, its statements, its answers, and the prompt."""
