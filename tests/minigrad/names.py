"""What `np.NAME(tensor)` must differentiate, or compute without a gradient where it has none."""

COVERED = {
    "elementwise": (
        "abs absolute fabs sign negative positive add subtract multiply divide true_divide floor_divide power pow "
        "float_power reciprocal square sqrt cbrt exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2 sin cos tan "
        "arcsin arccos arctan arctan2 sinh cosh tanh arcsinh arccosh arctanh asin acos atan atan2 asinh acosh atanh "
        "hypot deg2rad rad2deg degrees radians maximum minimum fmax fmin clip mod remainder fmod divmod modf copysign "
        "heaviside sinc i0 floor ceil trunc rint round nan_to_num where ldexp frexp real imag conj conjugate angle"
    ),
    "reductions and scans": (
        "sum mean var std prod max min amax amin ptp median quantile percentile average nansum nanmean nanmax nanmin "
        "nanprod nanvar nanstd cumsum cumprod cumulative_sum cumulative_prod diff ediff1d gradient trapezoid "
        "count_nonzero all any argmax argmin"
    ),
    "shape": (
        "reshape ravel transpose permute_dims matrix_transpose moveaxis rollaxis swapaxes expand_dims squeeze "
        "broadcast_to broadcast_arrays atleast_1d atleast_2d atleast_3d concatenate concat stack hstack vstack dstack "
        "column_stack block split array_split hsplit vsplit dsplit unstack repeat tile flip fliplr flipud roll rot90 "
        "pad tril triu diag diagflat diagonal append insert delete resize copy astype meshgrid full_like zeros_like "
        "ones_like empty_like"
    ),
    "indexing and order": (
        "take take_along_axis put_along_axis compress extract choose select piecewise sort partition argsort "
        "argpartition searchsorted nonzero isin unique_values unique_all unique_counts unique_inverse unique interp "
        "equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor logical_not "
        "bitwise_and bitwise_or bitwise_xor bitwise_not invert isnan isinf isfinite"
    ),
    "linear algebra": (
        "matmul dot vdot inner outer vecdot matvec vecmat tensordot einsum kron cross trace convolve correlate cov "
        "corrcoef linalg.norm linalg.vector_norm linalg.matrix_norm linalg.inv linalg.pinv linalg.solve linalg.lstsq "
        "linalg.det linalg.slogdet linalg.cholesky linalg.qr linalg.svd linalg.svdvals linalg.eigh linalg.eigvalsh "
        "linalg.eig linalg.eigvals linalg.matrix_power linalg.multi_dot linalg.tensorsolve linalg.tensorinv "
        "linalg.cond linalg.trace linalg.diagonal linalg.cross linalg.outer linalg.vecdot"
    ),
    "fourier": (
        "fft.fft fft.ifft fft.fft2 fft.ifft2 fft.fftn fft.ifftn fft.rfft fft.irfft fft.rfft2 fft.irfft2 fft.rfftn "
        "fft.irfftn fft.hfft fft.ihfft fft.fftshift fft.ifftshift"
    ),
}
