// Decides under which keys a stage encrypts.

export function createKeys() {
  const data = new aws.kms.Key("DataKey", {
    description: `${$app.name}/${$app.stage} data`,
    enableKeyRotation: true,
    deletionWindowInDays: 30,
  });
  return { data };
}
export type Keys = ReturnType<typeof createKeys>;
