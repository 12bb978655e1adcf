/** How the whole platform is at a moment, against an ordinary day. */
export interface Weather {
  /** How much more goes on. */
  readonly level: number
  /** How much longer people stay with what they opened. */
  readonly dwell: number
  /** The share of clients that have the new release. */
  readonly newReleaseShare: number
  /** The share of subscriptions and clicks that a new recommendation page takes over. */
  readonly recommendedShare: number
  /** The share of records that a faulty gateway sends again and again. */
  readonly stormShare: number
}

/** A change of the weather, for a time. */
export interface Front extends Partial<Weather> {
  readonly startMs: number
  readonly endMs: number
}

const calm: Weather = { level: 1, dwell: 1, newReleaseShare: 0, recommendedShare: 0, stormShare: 0 }

/** The weather at a moment; fronts that overlap add up. */
export function weatherAt(fronts: readonly Front[], timeMs: number): Weather {
  return fronts
    .filter((front) => timeMs >= front.startMs && timeMs < front.endMs)
    .reduce(
      (weather, front) => ({
        level: weather.level * (front.level ?? 1),
        dwell: weather.dwell * (front.dwell ?? 1),
        newReleaseShare: Math.max(weather.newReleaseShare, front.newReleaseShare ?? 0),
        recommendedShare: Math.max(weather.recommendedShare, front.recommendedShare ?? 0),
        stormShare: Math.max(weather.stormShare, front.stormShare ?? 0),
      }),
      calm,
    )
}
