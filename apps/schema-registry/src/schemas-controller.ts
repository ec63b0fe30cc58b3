import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { RegistryStore } from '@truc/registry-store';
import { flag, parseId } from './request-shape.js';

@Controller()
export class SchemasController {
  constructor(@Inject(RegistryStore) private readonly store: RegistryStore) {}

  @Get('schemas/types')
  types() {
    return ['AVRO'];
  }

  @Get('contexts')
  contexts() {
    return ['.'];
  }

  @Get('schemas/ids/:id')
  async schema(@Param('id') id: string) {
    const { schema, references } = await this.store.catalogue.schema(parseId(id));
    return { schema, ...(references.length === 0 ? {} : { references }) };
  }

  @Get('schemas/ids/:id/schema')
  async text(@Param('id') id: string) {
    return (await this.store.catalogue.schema(parseId(id))).schema;
  }

  @Get('schemas/ids/:id/subjects')
  async subjects(@Param('id') id: string, @Query('deleted') deleted?: string) {
    const uses = await this.store.catalogue.uses(parseId(id), flag(deleted));
    return [...new Set(uses.map(({ subject }) => subject))];
  }

  @Get('schemas/ids/:id/versions')
  versions(@Param('id') id: string, @Query('deleted') deleted?: string) {
    return this.store.catalogue.uses(parseId(id), flag(deleted));
  }
}
