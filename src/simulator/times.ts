import type { Random } from './random'
import { seasonAt } from './season'

/** A stretch of event time, its end not included. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** A shape in time: so many moments within a span, in order. */
export type Pace = (span: Span, count: number, random: Random) => number[]

/** At any time, as chance has it. */
export const scattered: Pace = (span, count, random) => drawn(count, span, () => random.uniform())

/** Up within minutes and slowly down: what follows an announcement. */
export const burst: Pace = (span, count, random) =>
  drawn(count, span, () => (random.exponential(1) + random.exponential(1)) / 8)

/** One after the other in even steps, each off by a twentieth of a step: a machine's work. */
export const steady: Pace = (span, count, random) => {
  const stepMs = (span.endMs - span.startMs) / count
  return Array.from({ length: count }, (_, place) =>
    Math.floor(span.startMs + (place + 0.5 + random.between(-0.05, 0.05)) * stepMs),
  )
}

/** Slow, faster, fastest, over: one tells two, until everybody knows. */
export const contagious: Pace = (span, count, random) =>
  drawn(count, span, () => {
    const share = random.uniform()
    return 0.6 + 0.085 * Math.log(share / (1 - share))
  })

/** With the hours of the day, as people wake and sleep. */
export const withTheSeason: Pace = (span, count, random) =>
  drawn(count, span, () => {
    for (;;) {
      const share = random.uniform()
      const level = seasonAt(span.startMs + share * (span.endMs - span.startMs))
      if (random.chance(level / 2)) return share
    }
  })

/** Later and later, most just before the end: a deadline. */
export const towardsTheEnd: Pace = (span, count, random) =>
  drawn(count, span, () => 1 - Math.min(0.999, random.exponential(0.3)))

// Shares outside the span are drawn again, so that its borders show no pile.
function drawn(count: number, span: Span, share: () => number): number[] {
  const times = Array.from({ length: count }, () => {
    let at = share()
    while (at < 0 || at >= 1) at = share()
    return Math.floor(span.startMs + at * (span.endMs - span.startMs))
  })
  return times.sort((left, right) => left - right)
}
