import type { Words } from './words/en'

/** Numbers and times as they are shown: alike in every language, so that they can be compared with the logs. */

export function whole(number: number): string {
  return Math.round(number).toLocaleString('en-US').replaceAll(',', ' ')
}

/** A number in few letters: 1 234, 12.3 k, 4.56 M. */
export function brief(number: number): string {
  if (number < 10_000) return whole(number)
  const [unit, by] =
    number < 999_500
      ? (['k', 1e3] as const)
      : number < 999.5e6
        ? (['M', 1e6] as const)
        : (['G', 1e9] as const)
  return `${(number / by).toPrecision(3)} ${unit}`
}

/** A rate: whole where it is large, with a decimal where it is small. */
export function rate(perSecond: number): string {
  return perSecond === 0 || perSecond >= 100 ? brief(perSecond) : perSecond.toFixed(1)
}

export function percent(share: number): string {
  const value = share * 100
  return `${value === 0 || value >= 10 ? value.toFixed(0) : value.toPrecision(2)} %`
}

/** A chance: plain where one can grasp it, in powers of ten below. */
export function chance(pValue: number): string {
  if (pValue >= 0.001 || pValue === 0) return String(Number(pValue.toPrecision(2)))
  const [digits = '', power = ''] = pValue.toExponential(0).split('e')
  return `${digits} × 10${power.replace(/[-\d]/g, (letter) => raised[letter] ?? letter)}`
}

const raised: Readonly<Partial<Record<string, string>>> = {
  ...{ '-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴' },
  ...{ 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹' },
}

/** What was measured: a share as percent, anything else as a number. */
export function measured(value: number): string {
  if (value >= 0 && value <= 1 && !Number.isInteger(value)) return percent(value)
  return Number.isInteger(value) ? whole(value) : String(Number(value.toPrecision(3)))
}

/** Event time to the minute, in UTC as everywhere in assay. */
export function moment(timeMs: number): string {
  if (Number.isNaN(new Date(timeMs).getTime())) return String(timeMs)
  return `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** The machine-readable form of a moment. */
export function isoOf(timeMs: number): string {
  return Number.isNaN(new Date(timeMs).getTime()) ? '' : new Date(timeMs).toISOString()
}

/** A span by its largest unit. */
export function span(ms: number, { span: units }: Words): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return units.seconds(whole(seconds))
  if (seconds < 7_200) return units.minutes(whole(seconds / 60))
  if (seconds < 172_800) return units.hours(whole(seconds / 3600))
  return units.days(whole(seconds / 86_400))
}
