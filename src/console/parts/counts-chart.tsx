import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { Answer } from '../api'
import { moment, whole } from '../format'
import { useSettings, useWords } from '../settings'
import { Moment } from './text'

export type Correction = Answer<'CorrectionPage'>['items'][number]

/** An hour of one kind, over all contents. */
export type Hour = Readonly<Pick<Correction, 'hour' | 'raw' | 'authentic' | 'disputed' | 'low' | 'high'>>

/** Sums corrections of single contents to hours, the earliest first. */
export function hoursOf(corrections: readonly Correction[]): Hour[] {
  const hours = new Map<number, Hour>()
  for (const { hour, raw, authentic, disputed, low, high } of corrections) {
    const sum = hours.get(hour) ?? { hour, raw: 0, authentic: 0, disputed: 0, low: 0, high: 0 }
    hours.set(hour, {
      hour,
      raw: sum.raw + raw,
      authentic: sum.authentic + authentic,
      disputed: sum.disputed + disputed,
      low: sum.low + low,
      high: sum.high + high,
    })
  }
  return [...hours.values()].sort((one, other) => one.hour - other.hour)
}

/** What was counted by hour, and within it what stands; the rest is shaded. The same numbers follow as a table. */
export function CountsChart({ hours, label }: { hours: readonly Hour[]; label: string }) {
  const words = useWords()
  return (
    <figure class="chart">
      <Plot hours={hours} label={label} />
      <figcaption>
        <span class="key authentic" aria-hidden="true" /> {words.account.authentic}
        <span class="key disputed" aria-hidden="true" /> {words.account.disputed}
      </figcaption>
      <details>
        <summary>{words.account.table}</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label={label}>
          <table>
            <thead>
              <tr>
                <th scope="col">{words.account.hour}</th>
                <th scope="col">{words.account.raw}</th>
                <th scope="col">{words.account.authentic}</th>
                <th scope="col">{words.account.between}</th>
                <th scope="col">{words.account.disputed}</th>
              </tr>
            </thead>
            <tbody>
              {[...hours].reverse().map(({ hour, raw, authentic, disputed, low, high }) => (
                <tr key={hour}>
                  <th scope="row">
                    <Moment at={hour} />
                  </th>
                  <td>{whole(raw)}</td>
                  <td>{whole(authentic)}</td>
                  <td>
                    {whole(low)}–{whole(high)}
                  </td>
                  <td>{whole(disputed)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}

function Plot({ hours, label }: { hours: readonly Hour[]; label: string }) {
  const place = useRef<HTMLDivElement>(null)
  const { theme, words } = useSettings()
  const data = useMemo(() => columnsOf(hours), [hours])
  useLayoutEffect(() => {
    const element = place.current!
    const draw = (): uPlot => new uPlot(optionsOf(element, words.account), data, element)
    let plot = draw()
    let drawnWidth = element.clientWidth
    const redraw = (): void => {
      plot.destroy()
      plot = draw()
    }
    const sized = new ResizeObserver(() => {
      if (element.clientWidth === drawnWidth) return
      drawnWidth = element.clientWidth
      plot.setSize({ width: drawnWidth, height: plotHeight })
    })
    sized.observe(element)
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', redraw)
    return () => {
      sized.disconnect()
      dark.removeEventListener('change', redraw)
      plot.destroy()
    }
  }, [data, theme, words])
  // A canvas says nothing to who cannot see it; the table does.
  useEffect(() => {
    place.current?.querySelector('.uplot')?.setAttribute('aria-hidden', 'true')
  }, [data, theme, words])
  return <div class="plot" ref={place} role="img" aria-label={label} />
}

/** Hours without a correction are left empty: nothing is said of them. */
function columnsOf(hours: readonly Hour[]): uPlot.AlignedData {
  const first = hours[0]?.hour ?? 0
  const last = hours.at(-1)?.hour ?? 0
  const known = new Map(hours.map((one) => [one.hour, one]))
  const times: number[] = []
  const isDense = (last - first) / hourMs <= mostHours
  if (isDense) for (let hour = first - hourMs; hour <= last + hourMs; hour += hourMs) times.push(hour)
  else times.push(...known.keys())
  return [
    times.map((time) => time / 1000),
    times.map((time) => known.get(time)?.raw ?? null),
    times.map((time) => known.get(time)?.authentic ?? null),
  ]
}

function optionsOf(
  element: HTMLElement,
  words: { raw: string; authentic: string; hour: string },
): uPlot.Options {
  const ink = colourOf(element, '--ink-soft')
  const line = colourOf(element, '--line')
  const bars = uPlot.paths.bars!({ size: [0.8, 40] })
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } }
  return {
    width: element.clientWidth,
    height: plotHeight,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    series: [
      {
        label: words.hour,
        value: (_plot, seconds: number | null) => (seconds === null ? '–' : moment(seconds * 1000)),
      },
      {
        label: words.raw,
        fill: hatched(element),
        stroke: colourOf(element, '--disputed'),
        width: 1,
        paths: bars,
        points: { show: false },
      },
      {
        label: words.authentic,
        fill: colourOf(element, '--authentic'),
        width: 0,
        paths: bars,
        points: { show: false },
      },
    ],
    axes: [
      { ...axis, values: '{YYYY}-{MM}-{DD}\n{HH}:{mm}', space: 90, size: 44, incrs: hourSteps },
      { ...axis, size: 56, values: (_plot, ticks) => ticks.map((tick) => whole(tick)) },
    ],
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.05)] } },
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    legend: { live: true, markers: { show: false } },
    padding: [12, 40, 0, 0],
  }
}

/** What is disputed is shaded by lines as well as by its colour. */
function hatched(element: HTMLElement): CanvasPattern | string {
  const colour = colourOf(element, '--disputed')
  const tile = document.createElement('canvas')
  tile.width = tile.height = 8
  const context = tile.getContext('2d')!
  context.fillStyle = colourOf(element, '--disputed-soft')
  context.fillRect(0, 0, 8, 8)
  context.strokeStyle = colour
  context.lineWidth = 1.5
  context.beginPath()
  for (const at of [-8, 0, 8]) {
    context.moveTo(at, 8)
    context.lineTo(at + 8, 0)
  }
  context.stroke()
  return context.createPattern(tile, 'repeat') ?? colour
}

/** A colour of the style sheet as the canvas wants it, whichever of light and dark holds. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** Nothing is told of less than an hour. */
const hourSteps = [1, 2, 3, 6, 12, 24, 48, 168, 720].map((hours) => hours * 3_600)
const plotHeight = 260
const hourMs = 3_600_000
const mostHours = 24 * 60
