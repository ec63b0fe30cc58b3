import { isoDateOf, parseClockTime, parseIsoDate } from './calendar.js';
import { Fault, type Stepped } from './fault.js';
import { zoneOffset } from './time-zone.js';

/**
 * The calendar day, in `zone`, of a date, timestamp or timestamptz text, as `YYYY-MM-DD`. A timestamp without a zone is local already: its own day is taken.
 * @throws TrucError MAPPING_ZONE_UNKNOWN
 */
export function localDate(zone: string): (text: string) => Stepped {
  const offsetAt = zoneOffset(zone);
  const fault = new Fault('is not a date or a time between the years 1 and 9999');
  return (text) => {
    if (text.length === 10) return parseIsoDate(text) === null ? fault : text;
    const time = parseClockTime(text);
    if (time === null) return fault;
    if (time.offsetSeconds === null) return text.slice(0, 10);
    const epochSeconds = time.days * 86_400 + time.secondOfDay - time.offsetSeconds;
    return isoDateOf(Math.floor((epochSeconds + offsetAt(epochSeconds)) / 86_400)) ?? fault;
  };
}
