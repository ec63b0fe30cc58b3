/** Who comes when in a round: forwards in the first, backwards in the next, so that nobody always comes after the same one. @param round 0, 1, ... */
export function turnOrder<T>(all: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? all : all.toReversed();
}
