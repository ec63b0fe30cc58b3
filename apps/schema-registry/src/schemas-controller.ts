import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { RegistryStore } from '@truc/registry-store';
import type { Response } from 'express';
import { KnownSchemas } from './known-schemas.js';
import { writeList } from './list-answer.js';
import { first, flag, isForAssociations, page, parseId, type QueryParameters } from './query-parameters.js';
import { askedTags, formatted } from './schema-format.js';
import { idAnswer, versionAnswer } from './version-answer.js';

@Controller('schemas')
export class SchemasController {
  constructor(
    @Inject(RegistryStore) private readonly store: RegistryStore,
    @Inject(KnownSchemas) private readonly known: KnownSchemas,
  ) {}

  @Get()
  async schemas(@Query() query: QueryParameters, @Res() response: Response) {
    const options = {
      deleted: flag(query, 'deleted'),
      latestOnly: flag(query, 'latestOnly'),
      ruleType: first(query, 'ruleType'),
      aliases: flag(query, 'aliases'),
      ...page(query, 'schemas'),
    };
    const found = isForAssociations(query) ? [] : this.store.catalogue.list(first(query, 'subjectPrefix'), options);
    await writeList(response, found, ({ aliases, ...version }) => ({
      ...versionAnswer(version),
      ...(aliases.length === 0 ? {} : { aliases }),
    }));
  }

  @Get('types')
  types() {
    return ['AVRO'];
  }

  @Get('ids/:id')
  async schema(@Param('id') id: string, @Query() query: QueryParameters) {
    // The bytes that were kept, which need not be made anew.
    if (Object.keys(query).length === 0) return (await this.known.answer(parseId(id))).toString('utf8');
    const found = await this.#found(id, query);
    const maxId = flag(query, 'fetchMaxId') ? { maxId: await this.store.catalogue.maxId(found.subject) } : {};
    const tags = await askedTags(this.store.catalogue, found, query);
    return { ...idAnswer(await formatted(this.store.catalogue, found, query), query['subject'] !== undefined), ...tags, ...maxId };
  }

  @Get('ids/:id/schema')
  async text(@Param('id') id: string, @Query() query: QueryParameters) {
    return (await formatted(this.store.catalogue, await this.#found(id, query), query)).schema;
  }

  @Get('ids/:id/subjects')
  async subjects(@Param('id') id: string, @Query() query: QueryParameters) {
    const uses = await this.#uses(id, query);
    const { offset, limit } = page(query, 'names');
    return [...new Set(uses.map(({ subject }) => subject))].slice(offset, offset + limit);
  }

  @Get('ids/:id/versions')
  async versions(@Param('id') id: string, @Query() query: QueryParameters) {
    const { offset, limit } = page(query, 'names');
    return (await this.#uses(id, query)).slice(offset, offset + limit);
  }

  @Get('guids/:guid')
  async byGuid(@Param('guid') guid: string, @Query() query: QueryParameters) {
    return idAnswer(await formatted(this.store.catalogue, await this.store.catalogue.byGuid(guid), query), false);
  }

  @Get('guids/:guid/ids')
  idsByGuid(@Param('guid') guid: string) {
    return this.store.catalogue.idsByGuid(guid);
  }

  async #found(id: string, query: QueryParameters) {
    const wanted = parseId(id);
    return this.store.catalogue.schema(wanted, await this.#subject(query));
  }

  async #uses(id: string, query: QueryParameters) {
    const wanted = parseId(id);
    return this.store.catalogue.uses(wanted, await this.#subject(query), flag(query, 'deleted'));
  }

  /** The subject, or the context, that is asked about. */
  #subject(query: QueryParameters): Promise<string> {
    const name = first(query, 'subject');
    return name === '' ? Promise.resolve('') : this.store.meant(name);
  }
}
