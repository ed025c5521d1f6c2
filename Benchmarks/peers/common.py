"""What the peers' benchmarks share: a thread count from the command line, a median of times, one line of JSON."""
import json
import os
import sys
import time

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 1
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = str(THREADS)


def median_time(call, runs):
    """The median of `runs` calls after one that is not counted, in seconds."""
    call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return sorted(times)[runs // 2]


def report(values):
    print(json.dumps(values), flush=True)
