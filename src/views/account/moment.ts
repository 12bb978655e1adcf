import { judgedKinds } from '../../model/event'
import { traitCount } from '../../model/traits'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/**
 * What accounts show at the moment: of each kind and trait, the median share over those that were heard last. It follows
 * a holiday or a new version of the app at once, and one account has one voice, however loud or lasting it is.
 *
 * The moment is a period of ten minutes where enough accounts are busy in it. Where fewer are, those heard before them
 * speak as well, back to a day; where that is not enough either, nothing is known of the moment. So whoever wants to pass
 * for usual has to move half of twenty accounts, however small the platform and however quiet the hour.
 */
export class Moment {
  private readonly voices = judgedKinds.map(() => new Map<number, Voice>())
  private readonly medians = new Float64Array(judgedKinds.length * traitCount).fill(unknown)

  /** Notes what a series showed in a period: how many events, and how many carried each trait. */
  hear(series: number, { period, count, traits }: Heard): void {
    const shares = new Uint8Array(traitCount)
    for (let trait = 0; trait < traitCount; trait++) {
      shares[trait] = Math.min(bins - 1, Math.floor((traits[trait]! / count) * bins))
    }
    this.voices[series % judgedKinds.length]!.set(series, { period, shares })
  }

  /** Ends a period: what was heard up to it is the moment until the next one ends. */
  close(period: number): void {
    this.voices.forEach((voices, kind) => {
      keepLatest(voices, period)
      for (let trait = 0; trait < traitCount; trait++) {
        this.medians[kind * traitCount + trait] = medianOf(voices, trait)
      }
    })
  }

  /** The median share, undefined while too few accounts have been heard. */
  share(kind: number, trait: number): number | undefined {
    const median = this.medians[kind * traitCount + trait]!
    return median === unknown ? undefined : median
  }

  save(out: SnapshotWriter): void {
    const heard = this.voices.flatMap((voices) => [...voices])
    const shares = new Uint8Array(heard.length * traitCount)
    heard.forEach(([, voice], place) => {
      shares.set(voice.shares, place * traitCount)
    })
    out.array(
      'moment.series',
      Uint32Array.from(heard, ([series]) => series),
    )
    out.array(
      'moment.period',
      Uint32Array.from(heard, ([, { period }]) => period),
    )
    out.array('moment.shares', shares)
    out.array('moment.medians', this.medians)
  }

  load(from: SnapshotReader): void {
    const periods = from.uint32('moment.period')
    const shares = from.uint8('moment.shares')
    from.uint32('moment.series').forEach((series, place) => {
      this.voices[series % judgedKinds.length]!.set(series, {
        period: periods[place]!,
        shares: shares.slice(place * traitCount, (place + 1) * traitCount),
      })
    })
    this.medians.set(from.float64('moment.medians'))
  }
}

export interface Heard {
  /** The number of the period of ten minutes. */
  readonly period: number
  readonly count: number
  readonly traits: ArrayLike<number>
}

/** When a series was heard last, and in which bin each of its shares was. */
interface Voice {
  readonly period: number
  readonly shares: Uint8Array
}

/** Forgets whom the moment can do without. Who was heard in one period stays or goes together, so that order is of no effect. */
function keepLatest(voices: Map<number, Voice>, period: number): void {
  const periods = Uint32Array.from(voices.values(), (voice) => voice.period).sort()
  const oldest = Math.max(period - periodsKept + 1, periods.at(-leastAccounts) ?? 0)
  for (const [series, voice] of voices) if (voice.period < oldest) voices.delete(series)
}

function medianOf(voices: ReadonlyMap<number, Voice>, trait: number): number {
  if (voices.size < leastAccounts) return unknown
  const histogram = new Uint32Array(bins)
  for (const { shares } of voices.values()) histogram[shares[trait]!]!++
  let below = 0
  let bin = 0
  while ((below += histogram[bin]!) * 2 < voices.size) bin++
  // The middle of the bin; the lowest bin is mostly accounts without any.
  return bin === 0 ? 0 : (bin + 0.5) / bins
}

/** Accounts that have to be heard before their median says anything: the platform's own tastes, and not ten buyers'. */
const leastAccounts = 20
/** A day of periods of ten minutes. */
const periodsKept = 144
const bins = 64
const unknown = -1
