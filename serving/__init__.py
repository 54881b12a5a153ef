"""The doors: HTTP (``service``, ``api``) and the command line (``cli``).

Translation only: a door loads, asks ``decisions``, answers; no rule and no maths live here. It may
import every package below, and is the only one that knows BentoML, FastAPI, Starlette and Typer.
Nothing imports it.
"""
