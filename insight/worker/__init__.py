"""Run a function in a child process: what hangs, grows or crashes there never takes the caller along.

multiprocessing (and with it pebble, loky's default and anyio.to_process) imports the caller's main
script again in each child. Under ``streamlit run`` that script is the app, so children are started
as a module of their own here and are spoken to over their pipes. They are never forked.
"""

from insight.worker.calls import call, close, inside, warm
from insight.worker.going import Work
from insight.worker.jobs import STILL_WAITS, Job, end, finished, start, told
from insight.worker.messages import Progress, silent
from insight.worker.stop import Fault, Stop
from insight.worker.telling import Told

__all__ = ["STILL_WAITS", "Fault", "Job", "Progress", "Stop", "Told", "Work", "call", "close", "end", "finished", "inside", "silent", "start", "told", "warm"]  # fmt: skip
