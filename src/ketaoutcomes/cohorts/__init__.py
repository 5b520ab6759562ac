"""People who never lived: scenarios, simulation, evidence, calibration, truth."""
