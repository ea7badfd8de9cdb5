export interface GenerateOptions { readonly mostSteps?: number; readonly mostActs?: number }
export const generateCalls = (): void => {};
