mod codec;
mod dice;
mod facts;
mod fold;
mod moving;
mod rows;
mod screening;
mod shift;
