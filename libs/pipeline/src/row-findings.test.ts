import type { RuleChoices } from '@truc/dictionary';
import { Telemetry } from '@truc/telemetry';
import { capturedResidents, clock, codeOf, relation, row, sourceKey, tableName } from './captured-residents.test-data.js';
import type { SourceText } from './change-source.js';
import { QuarantineBook } from './quarantine-book.js';
import { RowPublication } from './row-publication.js';

const untidy = row('a', codeOf(1), 'Số  1');
/** The prefix of a birth abroad: nobody can verify it. */
const abroad = row('a', '123199000019');

describe('findings of a captured row', () => {
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  afterAll(() => telemetry.shutdown());

  function captured(rules: RuleChoices, after: SourceText[]) {
    const capture = capturedResidents('t', { rules });
    const book = new QuarantineBook(capture.dataset.quarantineTopic, 3);
    const rows = new RowPublication({
      sourceId: 'g01.population',
      connector: 'postgresql',
      release: 1,
      epoch: 1,
      tables: new Map([[tableName, capture]]),
      books: new Map([[tableName, book]]),
      clock,
      telemetry,
    });
    const transaction = { id: '7', sequence: 100n, committedAtMs: clock.now(), ordinals: new Map<string, number>() };
    const records = rows.change({ kind: 'insert', relation, index: 2, after }, transaction);
    const marks = records.flatMap(({ headers }) => headers.filter(({ key }) => key === 'truc-marks').map(({ value }) => value.toString()));
    return { topics: records.map(({ topic }) => topic), marks, isHeld: book.has(sourceKey('a')) };
  }

  it('hold it where the dataset says nothing', () => {
    expect(captured({}, untidy)).toEqual({ topics: ['t.quarantine'], marks: [], isHeld: true });
  });

  it('go with it where the dataset lets it pass', () => {
    expect(captured({ V2: 'pass' }, untidy)).toEqual({ topics: ['t.data.v1'], marks: ['V2 address_detail double-space'], isHeld: false });
  });

  it('stop the dataset where it chooses so, and tell the place but no value', () => {
    let error: unknown;
    try {
      captured({ V2: 'stop' }, untidy);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: 'CAPTURE_RULE_STOP',
      message: expect.stringContaining('dancu.cong_dan: the row at position 1/100/2'),
    });
    expect(error).toMatchObject({ message: expect.stringContaining('V2 address_detail double-space') });
    expect(String(error)).not.toContain(codeOf(1));
  });

  it('are marked without a choice where they are no reason to hold a row', () => {
    const { topics, marks } = captured({}, abroad);
    expect([topics, marks]).toEqual([['t.data.v1'], ['V1 person_personal_id unverifiable-prefix']]);
  });

  it('are counted by rule, element, agency and outcome', async () => {
    const text = await telemetry.prometheusText();
    const lines = text.split('\n').filter((line) => line.startsWith('truc_capture_findings_total{'));
    expect(lines).toHaveLength(4);
    for (const outcome of ['quarantined', 'marked', 'stopped']) {
      expect(lines.filter((line) => line.includes(`outcome="${outcome}"`) && line.includes('agency="G01"')).length).toBeGreaterThan(0);
    }
    expect(lines.every((line) => /element="urn:vn:ddict:element:[a-z.-]+"/.test(line) && !line.includes(codeOf(1)))).toBe(true);
  });
});
