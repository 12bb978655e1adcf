import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Child {
  readonly process: ChildProcess
  /** Lines the child printed so far. */
  readonly lines: string[]
  /** Resolves with the next line that is printed, or undefined when the child ends first. */
  nextLine(): Promise<string | undefined>
  /** Resolves when the child is gone and all its lines are read. */
  readonly ended: Promise<void>
}

/** The command that runs a script of test/support, TypeScript as it is, in a process of its own. */
export function commandOf(script: string, ...args: string[]): string[] {
  return [process.execPath, '-r', join(__dirname, 'typescript.js'), join(__dirname, script), ...args]
}

/** Starts a command and collects the lines it prints; what it complains of goes to the test's own output. */
export function start([command, ...args]: string[]): Child {
  const child = spawn(command!, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines: string[] = []
  const waiting: ((line: string | undefined) => void)[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => {
    lines.push(line)
    waiting.shift()?.(line)
  })
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      for (const giveUp of waiting) giveUp(undefined)
      resolve()
    })
  })
  return {
    process: child,
    lines,
    ended,
    nextLine: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) resolve(undefined)
        else waiting.push(resolve)
      }),
  }
}
