import { taskShares } from '../service/installation'
import {
  measuredDays,
  measuredReplays,
  measuredServices,
  memoryMegabytes,
  needsOf,
  replayCpuSeconds,
  serviceCores,
} from './sizing'

describe('sizing', () => {
  it.each(measuredReplays)('is within a fifth of what $events events of $accounts accounts took', (run) => {
    expect(replayCpuSeconds(run.events) / run.cpuSeconds).toBeGreaterThan(0.8)
    expect(replayCpuSeconds(run.events) / run.cpuSeconds).toBeLessThan(1.2)
    expect(memoryMegabytes(run) / run.peakMegabytes).toBeGreaterThan(0.8)
    expect(memoryMegabytes(run) / run.peakMegabytes).toBeLessThan(1.2)
  })

  it.each(measuredServices)('is within a fifth of what the service took at $perSecond a second', (run) => {
    expect(serviceCores(run.perSecond) / run.cores).toBeGreaterThan(0.8)
    expect(serviceCores(run.perSecond) / run.cores).toBeLessThan(1.2)
  })

  it('is within a fifth of what days of events with text took', () => {
    const averagePerSecond = measuredDays.eventsPerDay / 86_400
    const load = { ...measuredDays, peakPerSecond: averagePerSecond, averagePerSecond }
    const told = needsOf(load, { days: 7, replicas: 3 }, taskShares).memoryMegabytes
    expect(told / measuredDays.peakMegabytes).toBeGreaterThan(0.8)
    expect(told / measuredDays.peakMegabytes).toBeLessThan(1.2)
  })

  it('of memory has an end, since tables have caps', () => {
    const platform = { accounts: 20_000, actors: 500_000 }
    expect(memoryMegabytes({ ...platform, events: 1e9 })).toBe(memoryMegabytes({ ...platform, events: 1e10 }))
  })

  it('of a service grows with the peak, and its disk with the average', () => {
    const keeping = { days: 7, replicas: 3 }
    const load = { peakPerSecond: 3_000, averagePerSecond: 1_000, accounts: 1_000, actors: 10_000 }
    const needs = needsOf(load, keeping, taskShares)
    const busier = needsOf({ ...load, peakPerSecond: 6_000 }, keeping, taskShares)
    expect(busier.serviceCores).toBeGreaterThan(needs.serviceCores)
    expect(busier.busiestViewCores).toBeCloseTo(2 * needs.busiestViewCores)
    expect(busier.innerGigabytes).toBe(needs.innerGigabytes)
    expect(needs.busiestViewCores).toBeCloseTo((serviceCores(3_000) - serviceCores(0)) * (2.7 / 6.95))
    // 86.4 million events a day of 341 bytes each, for a week, on three brokers.
    expect(needs.innerGigabytes).toBeCloseTo(619, 0)
  })
})
