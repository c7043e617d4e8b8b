"""What every request passes before it reaches a route, and every answer on its way back.

observed        an id, a line in the log, metrics
traced          a span
hosts           names that this server is reached under, pages that may ask
CORS            leave for those pages to read answers
body_limit      no longer than the limit
authentication  who asks
rate_limit      not more often than the limit
kept            what is kept, to whom asks the same again
compressed      made smaller, where the client can read that
"""
