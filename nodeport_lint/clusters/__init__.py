"""Who shares a cluster: what the tree says of it, pieces of evidence, and verdicts on pairs of declarations."""
