import { unitsADay } from './market-offers'

describe('the speed that an offer promises', () => {
  it.each([
    ['Скорость до 200 ед/сутки Доступно 1000 ед', 200],
    ['Скорость 200-400 ед/сутки', 400],
    ['Запуск 0-4 час Скорость до 60 в день Гарантии нет', 60],
    ['быстрые до 250 ед./сутки база всего 10000 ед.', 250],
    ['Скорость до 3К ед/сутки', 3000],
    ['скорость выполнения до 200 лайков в час', 4800],
  ])('is read from "%s"', (description, units) => {
    expect(unitsADay(description)).toBe(units)
  })

  it('is unknown where the offer names none', () => {
    expect(unitsADay('100 лайков Запуск 0-3 час мин100 ед/ макс10000 ед Высокая скорость')).toBeUndefined()
  })
})
