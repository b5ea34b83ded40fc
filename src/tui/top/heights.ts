/**
 * Shares rows out among lists: each has what it needs when all fit; else each has at least `least`, the focused one is
 * served first and the last one last.
 *
 * @param needs rows of each list
 * @param height all rows there are
 */
export function shareRows(needs: readonly number[], focused: number, height: number, least = 2): number[] {
  const shares = needs.map((need) => Math.min(need, least));
  let left = height - shares.reduce((sum, share) => sum + share, 0);
  const give = (at: number, most: number) => {
    const more = Math.max(0, Math.min(needs[at]! - shares[at]!, most, left));
    shares[at]! += more;
    left -= more;
    return more;
  };
  // More than half of what there is would leave the others with nothing to see.
  give(focused, Math.max(0, Math.floor(height / 2) - shares[focused]!));
  const last = needs.length - 1;
  let given = true;
  while (left > 0 && given) {
    given = false;
    for (let at = 0; at < last; at++) given = give(at, 1) > 0 || given;
  }
  give(last, left);
  return shares;
}
