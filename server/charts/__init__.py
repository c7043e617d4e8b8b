"""Charts of answers: which kind fits the data (`rules`), and how it is drawn as a picture (`vega`) or as text (`text`)."""
