import { Controller } from '@nestjs/common';
import { GofleetError } from '#errors';
import { OnLater } from './http/on.ts';

/** Routes that are known and not part of this release. */
@Controller()
export class LaterController {
  @OnLater('GET')
  get(): never {
    throw later();
  }

  @OnLater('POST')
  post(): never {
    throw later();
  }
}

function later(): GofleetError {
  return new GofleetError('not_implemented', 'this is known but not part of this release', {
    remedy: 'Use a release that supports it; /v1/openapi.json says what this one does.',
  });
}
