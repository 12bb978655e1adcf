import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isHalted } from '../processes'
import { until } from '../waiting'

/** A temporary folder and the services that run in it. None of it outlives the process that opened it, however that ends. */
export interface Home {
  readonly folder: string
  /** Starts a service and resolves when it answers. */
  run(command: Command): Promise<Service>
  /** Kills every service at once and removes the folder. */
  close(): Promise<void>
}

export interface Command {
  /** Names the log file and the service in messages. */
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Resolves when the service answers; it is asked again for as long as it rejects. */
  readonly answers: () => Promise<unknown>
}

/** A service that a test may treat badly. */
export interface Service {
  /** The process as it is now; another one after a restart. */
  readonly pid: number
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>
  /** Starts it again where it was, with what it kept. One that still runs is ended in an orderly way first. */
  restart(): Promise<void>
  /** Halts it: its connections stay open and nobody answers. Resolves when that is so. */
  pause(): Promise<void>
  resume(): void
}

/** A broker that is started again beside a full suite has taken more than a minute. */
const answersWithinMs = 180_000
const endsWithinMs = 10_000

// Its input closes when the owner ends, even by SIGKILL. A service that is being killed may still make a file, so that
// the folder is removed until it is gone.
const guardScript = `
  cat >/dev/null
  cd "$1/pids" && kill -9 * 2>/dev/null
  cd / && until rm -rf "$1" 2>/dev/null; do sleep 0.1; done
`

/** Opens a home, starts something in it, and closes the home again when that fails. */
export async function inNewHome<T>(start: (home: Home) => Promise<T>): Promise<T> {
  const home = openHome()
  try {
    return await start(home)
  } catch (error) {
    await home.close()
    throw error
  }
}

function openHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'assay-stack-'))
  mkdirSync(join(folder, 'pids'))
  // In a session of its own, so that Ctrl-C ends the owner and not the guard.
  const guard = spawn('/bin/sh', ['-c', guardScript, 'guard', folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  // A test process that forgets to close its home ends all the same.
  guard.unref()
  if (guard.stdin instanceof Socket) guard.stdin.unref()
  return {
    folder,
    run: (command) => runIn(folder, command),
    close: () => {
      guard.ref()
      guard.stdin.end()
      return ended(guard)
    },
  }
}

async function runIn(folder: string, command: Command): Promise<Service> {
  const logFile = join(folder, `${command.name}.log`)
  let child = spawnIn(folder, command, logFile)
  await untilAnswers(child, command, logFile)
  return {
    get pid() {
      return child.pid!
    },
    kill: () => end(child, 'SIGKILL'),
    restart: async () => {
      await end(child, 'SIGTERM')
      child = spawnIn(folder, command, logFile)
      await untilAnswers(child, command, logFile)
    },
    pause: async () => {
      child.kill('SIGSTOP')
      await until(() => isHalted(child.pid!), 'the process should have halted')
    },
    resume: () => void child.kill('SIGCONT'),
  }
}

function spawnIn(folder: string, command: Command, logFile: string): ChildProcess {
  const { file, args, env = process.env, cwd = folder } = command
  const log = openSync(logFile, 'a')
  const child = spawn(file, args, { stdio: ['ignore', log, log], detached: true, env, cwd })
  closeSync(log)
  child.unref()
  child.on('error', (error) => {
    writeFileSync(logFile, `${error.message}\n`, { flag: 'a' })
  })
  if (child.pid === undefined) return child
  // The guard kills who is named here.
  const pidFile = join(folder, 'pids', String(child.pid))
  writeFileSync(pidFile, '')
  child.on('exit', () => {
    rmSync(pidFile, { force: true })
  })
  return child
}

async function untilAnswers(child: ChildProcess, { name, answers }: Command, logFile: string): Promise<void> {
  const deadlineMs = Date.now() + answersWithinMs
  for (;;) {
    try {
      await answers()
      return
    } catch (cause) {
      const lastLines = () => readFileSync(logFile, 'utf8').trim().split('\n').slice(-20).join('\n')
      if (child.pid === undefined || hasEnded(child)) {
        throw new Error(`${name} ended before it answered; its last lines:\n${lastLines()}`, { cause })
      }
      if (Date.now() > deadlineMs) {
        throw new Error(
          `${name} does not answer after ${answersWithinMs} ms; its last lines:\n${lastLines()}`,
          {
            cause,
          },
        )
      }
    }
    await sleep(50)
  }
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (hasEnded(child)) return
  child.kill(signal)
  // One that is halted hears SIGTERM only after it goes on.
  child.kill('SIGCONT')
  const lastResort = setTimeout(() => child.kill('SIGKILL'), endsWithinMs)
  await ended(child)
  clearTimeout(lastResort)
}

function ended(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return Promise.resolve()
  child.ref()
  return new Promise((resolve) => {
    child.once('exit', () => {
      resolve()
    })
  })
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
