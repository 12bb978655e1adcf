import { dayMs, hourMs } from '../season'
import type { BenignCase } from './benign'

export const featureLaunch: BenignCase = {
  name: 'feature-launch',
  summary:
    'A new release with a recommendation page: more happens everywhere, from a new client, by a new way, and shorter.',

  plan(stage) {
    const { startMs } = stage.spanAnywhere(stage.world.options.hours * 0.6)
    // Rolled out in three steps, as one does.
    const steps = [0.15, 0.4, 0.65]
    const fronts = steps.map((share, step) => ({
      startMs: startMs + step * 1.5 * hourMs,
      endMs: step === steps.length - 1 ? stage.endMs : startMs + (step + 1) * 1.5 * hourMs,
      newReleaseShare: share,
      recommendedShare: share * 0.5,
      level: 1 + share * 0.5,
      dwell: 1 - share * 0.5,
    }))
    return { accounts: [], offence: null, deeds: [], fronts }
  },
}

export const holiday: BenignCase = {
  name: 'holiday',
  summary: 'A public holiday: everybody has time, and the whole platform is up by more than half.',

  plan(stage) {
    const { startMs, endMs } = stage.spanAt(8, Math.min(15, stage.world.options.hours / 2))
    return { accounts: [], offence: null, deeds: [], fronts: [{ startMs, endMs, level: 1.6, dwell: 1.15 }] }
  },
}

export const growth: BenignCase = {
  name: 'growth',
  summary: 'The platform grows, day by day, to two and a half times what it was.',

  plan(stage) {
    const { startMs } = stage.world.options
    const days = Math.ceil((stage.endMs - startMs) / dayMs)
    const fronts = Array.from({ length: days }, (_, day) => ({
      startMs: startMs + day * dayMs,
      endMs: startMs + (day + 1) * dayMs,
      level: 1 + (1.5 * day) / Math.max(1, days - 1),
    }))
    return { accounts: [], offence: null, deeds: [], fronts }
  },
}

export const retransmissionStorm: BenignCase = {
  name: 'retransmission-storm',
  summary: 'A gateway loses its answers for twenty minutes and sends a third of all records again and again.',

  plan(stage) {
    const { startMs } = stage.spanAt(21, 1)
    return {
      accounts: [],
      offence: null,
      deeds: [],
      fronts: [{ startMs, endMs: startMs + hourMs / 3, stormShare: 0.33 }],
    }
  },
}
