"""The service, with a worker that dies at the line that costs most: after the truth, before the projections.

With ``DIE_AT=answer`` it dies when a request with an Idempotency-Key is done, before its answer is kept.

It dies as often as the file that ``DIE_FILE`` names has bytes, which it takes away one by one, so that the next worker
lives.
"""

import os
import signal
from pathlib import Path

from taskapp import create_app
from taskapp.cassandra.idempotency import Claim
from taskapp.writepath import changing


def _dying(line):
    def die_or_go_on(*given):
        lives = Path(os.environ["DIE_FILE"])
        if lives.stat().st_size:
            lives.write_bytes(lives.read_bytes()[1:])
            os.kill(os.getpid(), signal.SIGKILL)
        return line(*given)

    return die_or_go_on


if os.environ.get("DIE_AT") == "answer":
    Claim.answer = _dying(Claim.answer)
else:
    _write, _write_or_die = changing.side_by_side, _dying(changing.side_by_side)
    # What is written with the truth, in one batch, leaves nothing to die before.
    changing.side_by_side = lambda *given: (_write_or_die if len(given) == 1 else _write)(*given)
app = create_app()
