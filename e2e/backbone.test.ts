import { BackboneScene } from './backbone/backbone-scene.js';
import { carriesMerger, carriesSnapshotAndValues } from './backbone/carried-data.js';
import { joinsByTheGuide } from './backbone/joining-agency.js';
import { keepsOutWhoIsNotMeant, tellsNothingOfPeople } from './backbone/kept-secrets.js';
import { appliesDocuments, obeysCommands, resolvesGaps } from './backbone/operated-backbone.js';
import { goesOnWhereItWas, hasReceiptsOfEverything } from './backbone/second-start.js';

/** One subject after the other, in this order: each finds what the ones before have left. */
const subjects = [
  carriesSnapshotAndValues,
  keepsOutWhoIsNotMeant,
  obeysCommands,
  carriesMerger,
  appliesDocuments,
  tellsNothingOfPeople,
  goesOnWhereItWas,
  resolvesGaps,
  hasReceiptsOfEverything,
  joinsByTheGuide,
];

describe('the backbone, from a source agency to the general database and a subscriber', () => {
  const scene = new BackboneScene();
  beforeAll(() => scene.open(), 180_000);
  afterAll(() => scene.close(), 60_000);

  for (const tests of subjects) tests(scene);
});
