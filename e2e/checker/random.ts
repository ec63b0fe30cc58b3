export { seededRandom, type Random } from '@truc/demo';
