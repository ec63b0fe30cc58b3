import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is wanted of the dictionary, and what was said about it. */
export class DictionaryProposals1794800000000 implements MigrationInterface {
  readonly name = 'DictionaryProposals1794800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE coordination.dictionary_proposal (
        number integer PRIMARY KEY CHECK (number > 0),
        base integer NOT NULL REFERENCES coordination.dictionary_release (number),
        changes jsonb NOT NULL,
        note text NOT NULL,
        proposer text NOT NULL,
        agency text,
        state text NOT NULL CHECK (state IN ('proposed', 'approved', 'rejected', 'withdrawn')),
        release integer UNIQUE REFERENCES coordination.dictionary_release (number),
        proposed_at timestamptz NOT NULL,
        ended_at timestamptz,
        CHECK ((state = 'approved') = (release IS NOT NULL)),
        CHECK ((state = 'proposed') = (ended_at IS NULL))
      )`);
    await runner.query(`
      CREATE TABLE coordination.dictionary_proposal_event (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        proposal integer NOT NULL REFERENCES coordination.dictionary_proposal (number),
        at timestamptz NOT NULL,
        principal text NOT NULL,
        agency text,
        event text NOT NULL CHECK (event IN ('proposed', 'agreed', 'objected', 'approved', 'rejected', 'withdrawn')),
        comment text NOT NULL
      )`);
    await runner.query(`CREATE INDEX dictionary_proposal_event_by_proposal ON coordination.dictionary_proposal_event (proposal, id)`);
    // What was said was said.
    await runner.query(`
      CREATE TRIGGER dictionary_proposal_event_is_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON coordination.dictionary_proposal_event
      FOR EACH STATEMENT EXECUTE FUNCTION coordination.refuse_change()`);
    // A proposal is what it was when it was made, and ends once.
    await runner.query(`
      CREATE FUNCTION coordination.refuse_proposal_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE' THEN
          RAISE EXCEPTION 'proposals are never deleted';
        END IF;
        IF OLD.state <> 'proposed' OR (NEW.number, NEW.base, NEW.changes, NEW.note, NEW.proposer, NEW.agency, NEW.proposed_at)
          IS DISTINCT FROM (OLD.number, OLD.base, OLD.changes, OLD.note, OLD.proposer, OLD.agency, OLD.proposed_at) THEN
          RAISE EXCEPTION 'a proposal only ends, and ends once';
        END IF;
        RETURN NEW;
      END $$`);
    await runner.query(`
      CREATE TRIGGER dictionary_proposal_only_ends BEFORE UPDATE OR DELETE ON coordination.dictionary_proposal
      FOR EACH ROW EXECUTE FUNCTION coordination.refuse_proposal_change()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE coordination.dictionary_proposal_event, coordination.dictionary_proposal');
    await runner.query('DROP FUNCTION coordination.refuse_proposal_change');
  }
}
