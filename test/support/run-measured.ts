import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { peakMegabytesOf } from './processes'

/** What a program has taken, with all the processes that it started and waited for. */
export interface Measured {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly peakMegabytes: number
}

/**
 * Runs a program to its end and measures it. The shell around it tells the CPU time of its children to the hundredth of
 * a second or better; memory is the sum of the most that each process has held, looked at fifty times a second.
 */
export async function runMeasured(file: string, args: readonly string[]): Promise<Measured> {
  const startMs = performance.now()
  const shell = spawn('/bin/sh', ['-c', '"$@"; code=$?; times >&3; exit $code', 'sh', file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const [said, told]: [string[], string[]] = [[], []]
  for (const stream of [shell.stdout!, shell.stderr!]) stream.on('data', (piece) => said.push(String(piece)))
  shell.stdio[3]!.on('data', (piece) => told.push(String(piece)))
  const peaks = new Map<number, number>()
  const look = setInterval(() => {
    for (const pid of childrenOf(shell.pid!)) peaks.set(pid, peakOf(pid) ?? peaks.get(pid) ?? 0)
  }, 20)
  const [code] = (await once(shell, 'close')) as [number]
  clearInterval(look)
  const wallSeconds = (performance.now() - startMs) / 1000
  if (code !== 0) {
    const last = said.join('').trim().split('\n').slice(-10).join('\n')
    throw new Error(`${file} ended with exit code ${code}:\n${last}`)
  }
  return {
    cpuSeconds: secondsOf(told.join('').trim().split('\n')[1]!),
    wallSeconds,
    peakMegabytes: [...peaks.values()].reduce((sum, peak) => sum + peak, 0),
  }
}

/** The processes below one, however deep. */
function childrenOf(pid: number): number[] {
  let children: number[]
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    children = list === '' ? [] : list.split(' ').map(Number)
  } catch {
    return []
  }
  return [...children, ...children.flatMap(childrenOf)]
}

/** Undefined for one that has ended meanwhile. */
function peakOf(pid: number): number | undefined {
  try {
    return peakMegabytesOf(pid) || undefined
  } catch {
    return undefined
  }
}

/** The sum of a line such as "0m1.52s 0m0.31s". */
function secondsOf(line: string): number {
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds),
    0,
  )
}
