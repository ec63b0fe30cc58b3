import { Controller, Get, HttpCode, Post } from '@nestjs/common';

/** Of Confluent's registry, whose API this one speaks; clients look at it before they use what came later. */
const apiVersion = '8.0.0';
const name = 'truc-schema-registry';

/** What clients ask to see whether and what they reach. */
@Controller()
export class RootController {
  @Get()
  root() {
    return {};
  }

  @Post()
  @HttpCode(200)
  post() {
    return {};
  }

  @Get('v1/metadata/id')
  id() {
    return { scope: { path: [], clusters: { 'kafka-cluster': name, 'schema-registry-cluster': name } } };
  }

  @Get('v1/metadata/version')
  version() {
    return { version: apiVersion, commitId: name };
  }

  @Get('v1/metadata/deployment')
  deployment() {
    return { attributes: [] };
  }
}
