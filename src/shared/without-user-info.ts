/** A text to be shown; a password may have been written into an address in it. */
export const withoutUserInfo = (text: string): string => text.replace(/(?<=:\/\/)[^/@]*(?=@)/g, '…');
