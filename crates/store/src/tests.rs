mod codec;
mod dice;
mod facts;
mod fold;
mod rows;
mod shift;
