// Decides what every Lambda function of a stage has in common, those that components create included.

export function setDefaults(): void {
  $transform(sst.aws.Function, (args) => {
    args.runtime ??= "nodejs24.x";
    args.architecture ??= "arm64";
    args.transform = {
      ...args.transform,
      // SST 4.17.1 lets the whole account assume the role of every function (it tests `!dev` on an Output, which is never
      // true): only Lambda may.
      role: (role) => {
        role.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });
        return undefined;
      },
    };
  });
}
