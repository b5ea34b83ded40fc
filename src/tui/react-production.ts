/**
 * Chooses the production build of React, which reads this when it is loaded: the other one takes twice as long for a frame.
 * Has to be imported before anything that imports React.
 */
process.env.NODE_ENV ??= 'production';
