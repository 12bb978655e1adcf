import { UnreachableError } from '../model/errors'
import type { CheckpointStore } from './checkpoint-store'
import { newestWhole } from './checkpoint-store'
import { MemoryCheckpointStore } from './memory-checkpoint-store'
import { PatientCheckpointStore } from './patient-checkpoint-store'

/** A store that can be taken away, and time that passes when it is told to. */
function setUp({ unansweredMs = 30_000 } = {}) {
  const memory = new MemoryCheckpointStore()
  const state = { isAway: false, nowMs: 0, asked: 0 }
  const told: string[] = []
  const mayFail = async <Answer>(answer: () => Promise<Answer>): Promise<Answer> => {
    state.asked++
    if (state.isAway) throw new UnreachableError('the store is away')
    return answer()
  }
  const store: CheckpointStore = {
    save: (name, checkpoint) => mayFail(() => memory.save(name, checkpoint)),
    list: (name) => mayFail(() => memory.list(name)),
  }
  const clockMs = () => state.nowMs
  const patient = new PatientCheckpointStore(store, {
    ...{ clockMs, tell: (sentence: string) => told.push(sentence) },
    ...{ unsavedMs: 60_000, unansweredMs },
  })
  const save = (sequence: number) => patient.save('account', { sequence, parts: [Uint8Array.of(sequence)] })
  return { patient, state, told, save }
}

it('goes on without what could not be saved, tells it once, and stops after a time', async () => {
  const { patient, state, told, save } = setUp()
  await save(1)
  state.isAway = true
  await save(2)
  state.nowMs = 59_000
  await save(3)
  expect(told).toEqual(['the store is away'])
  state.nowMs = 60_000
  await expect(save(4)).rejects.toThrow('the store is away')
  state.isAway = false
  await save(5)
  expect(told[1]).toBe('checkpoints of account are stored again')
  expect((await newestWhole(patient, 'account')).checkpoint!.sequence).toBe(5)
  state.isAway = true
  state.nowMs = 120_000
  await save(6)
})

it('waits for an answer', async () => {
  const { patient, state, save } = setUp()
  await save(1)
  state.isAway = true
  const found = newestWhole(patient, 'account')
  while (state.asked < 4) await new Promise(setImmediate)
  state.isAway = false
  expect((await found).checkpoint!.sequence).toBe(1)
})

it('waits no longer than it may', async () => {
  const { patient, state } = setUp({ unansweredMs: 50 })
  state.isAway = true
  await expect(patient.list('account')).rejects.toThrow('the store is away')
})
