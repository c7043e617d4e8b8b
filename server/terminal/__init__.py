"""How questions are written on a command line and answers are shown on a screen."""
