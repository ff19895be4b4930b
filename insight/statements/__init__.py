"""What people want, miss and fear, read from how they say it: 希望增加夜间配送, 价格太贵, 找不到发票."""
