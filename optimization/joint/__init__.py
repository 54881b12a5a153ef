"""The joint solver, a step a file: presolve, prices, insertion, ejection, repair, blocks, refinement, bound."""
