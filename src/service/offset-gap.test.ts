import { gapSentence } from './offset-gap'

const gap = { topic: 'engagement.click', partition: 1 }

it('names the checkpoints to remove where events were lost to retention', () => {
  expect(gapSentence({ ...gap, expected: 0, found: 4321 })).toBe(
    'engagement.click/1 is not read on: offset 0 was expected and the first there is, is 4321; events were lost to the ' +
      'retention of the topic: stop all instances, remove the checkpoints raw-engagement.click-ede274bc-1 from the state, ' +
      'and start again, which begins where the topic does',
  )
})

it('never advises that for a topic that was made anew, whose events would be passed over in silence', () => {
  const sentence = gapSentence({ ...gap, expected: 7, found: 0 })
  expect(sentence).toContain('the topic was made anew')
  expect(sentence).toContain('begin a new installation, with another kafka.topicPrefix, group and state')
  expect(sentence).not.toContain('checkpoint')
})
