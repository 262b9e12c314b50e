"""Money in fen. Integers of Python do not overflow; what does not fit 64 bits is refused at the boundary."""


def share_by_largest_remainder(pool, weights):
    """Shares a pool of fen by weights, to the fen: what is left goes to the largest remainders, then to the first.

    None where there is nobody to share with.
    """
    total = sum(weights)
    if pool < 0 or total <= 0 or any(weight < 0 for weight in weights):
        return None
    shares = [pool * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-(pool * weights[index] % total), index))
    for index in order[: pool - sum(shares)]:
        shares[index] += 1
    return shares
