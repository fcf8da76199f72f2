"""集备记录表 of a preparation activity: what fills it, who may see, write and sign it, the lists of them."""
