"""Rendered chairs and tables whose every image has known causes."""
