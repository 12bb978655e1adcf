import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** User and system time of a process so far. */
export function cpuSecondsOf(pid: number): number {
  const fields = fieldsOf(`/proc/${pid}/stat`)
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** The most memory that a process has held. */
export function peakMegabytesOf(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kilobytes) / 1024)
}

/** The memory that a process holds now. */
export function residentMegabytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kilobytes) / 1024)
}

/** Whether every thread of a process stands still: the signal for it is taken by one, which may have to wait for a core first. */
export function isHalted(pid: number): boolean {
  // Where there is no such file nobody tells.
  if (process.platform !== 'linux') return true
  const threads = `/proc/${pid}/task`
  try {
    return readdirSync(threads).every((id) => fieldsOf(join(threads, id, 'stat'))[0] === 'T')
  } catch {
    // A thread that has ended meanwhile was not halted.
    return false
  }
}

/** What is told of a process or a thread behind its name, which comes second and may hold anything. */
function fieldsOf(path: string): string[] {
  return readFileSync(path, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
}

const ticksPerSecond = 100
