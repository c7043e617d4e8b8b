"""Questions of analysts with the calls that an agent makes, and the truth about each as SQL written by hand."""
