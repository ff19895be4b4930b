"""python -m insight.worker: a child that works for whoever started it; started by ``children`` only."""

from insight.worker.serving import serve

serve()
