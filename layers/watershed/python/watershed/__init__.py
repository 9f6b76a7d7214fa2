"""How the lake works: pure logic, with AWS calls in a few adapters. What it holds is in `layers/lake`."""
