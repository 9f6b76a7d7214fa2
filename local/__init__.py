"""The laptop's AWS: runs the synthesized templates and the real handlers, with SQL really executed."""
