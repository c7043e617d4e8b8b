"""A brute-force evaluator of the contract, written from its rules and not from the engine, and generators of cases."""
