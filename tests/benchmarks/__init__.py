"""What is timed, and never asserted. Everything here runs in one thread.

Libraries read these settings when they are imported. They stand here because a package is imported before
its modules.
"""

import os

os.environ.update(
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    NUMBA_NUM_THREADS="1",
    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    NPROC="1",
    JAX_PLATFORMS="cpu",
    TORCHINDUCTOR_COMPILE_THREADS="1",
)
